// Every Users method of Knock's own Node package, run against the sandbox's demo world.

const assert = require('node:assert/strict');
const { beforeEach, test } = require('node:test');
const { Knock } = require('@knocklabs/node');

const url = process.env.KNOCK_SANDBOX_URL;
const FEED = 'f1000000-0000-4000-8000-000000000001';
const EMAIL = 'f1000000-0000-4000-8000-000000000002';
const PUSH = 'f1000000-0000-4000-8000-000000000003';
const SLACK = 'f1000000-0000-4000-8000-000000000004';
const GUIDES = 'f1000000-0000-4000-8000-000000000005';
const STEP = {
  channel_id: GUIDES,
  guide_id: 'f6000000-0000-4000-8000-000000000001',
  guide_key: 'welcome-banner',
  guide_step_ref: 'step_1',
};

const client = new Knock({ apiKey: 'sk_test', baseURL: url, maxRetries: 0 });
const { users } = client;

// Notes which methods are called, so that the last test can tell which were not.
const called = new Set();
const resources = { users, feeds: users.feeds, guides: users.guides, bulk: users.bulk,
  preferenceCenter: users.preferenceCenter, bulkOperations: client.bulkOperations };

function methodsOf(resource) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter((name) => name !== 'constructor');
}

for (const [group, resource] of Object.entries(resources)) {
  for (const name of methodsOf(resource)) {
    const method = resource[name];
    resource[name] = (...args) => {
      called.add(`${group}.${name}`);
      return method.apply(resource, args);
    };
  }
}

async function sandbox(method, path, body) {
  const answer = await fetch(`${url}/_sandbox/${path}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : undefined;
}

async function requests() {
  return (await sandbox('GET', 'requests')).entries;
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

async function messageOf() {
  const guides = await users.guides.getChannel('ian', GUIDES);
  return guides.entries.find((guide) => guide.key === 'welcome-banner').steps[0].message;
}

async function finish(operation) {
  const statuses = [operation.status];
  while (!['completed', 'failed'].includes(operation.status)) {
    operation = await client.bulkOperations.get(operation.id);
    statuses.push(operation.status);
  }
  assert.deepEqual(statuses, ['queued', 'processing', 'completed']);
  return operation;
}

beforeEach(() => sandbox('POST', 'reset'));

test('update and get', async () => {
  const user = await users.update('new user', {
    name: 'New', email: 'new@example.com', created_at: '2024-05-22T12:00:00Z', plan: 'pro', address: { city: 'Oslo' },
  });
  assert.equal(user.id, 'new user');
  assert.equal(user.__typename, 'User');
  await users.update('new user', { name: null, address: { zip: '0150' } });
  const read = await users.get('new user');
  assert.equal(read.name, null);
  assert.equal(read.plan, 'pro');
  assert.deepEqual(read.address, { city: 'Oslo', zip: '0150' });
  assert.equal((await requests()).at(-1).path, '/v1/users/new%20user');
});

test('update with channel data and preferences', async () => {
  await users.update('new', {
    channel_data: { [PUSH]: { tokens: ['t1'] } },
    preferences: { default: { workflows: { digest: false } } },
  });
  assert.deepEqual((await users.getChannelData('new', PUSH)).data.tokens, ['t1']);
  assert.deepEqual((await users.getPreferences('new', 'default')).workflows, { digest: false });
});

test('list', async () => {
  const ids = async (query) => (await all(users.list(query))).map((user) => user.id);
  assert.deepEqual(await ids({ page_size: 2 }), ['jane', 'ian', 'ellie', 'alan', 'jane-old']);
  const page = await users.list({ page_size: 2 });
  const next = await page.getNextPage();
  assert.deepEqual(next.entries.map((user) => user.id), ['ellie', 'alan']);
  const back = await users.list({ page_size: 2, before: next.page_info.before });
  assert.deepEqual(back.entries.map((user) => user.id), ['jane', 'ian']);
  const [jane] = (await users.list({ include: ['preferences'], page_size: 1 })).entries;
  assert.deepEqual(jane.preferences.default.categories, { marketing: false });
});

test('delete', async () => {
  await users.delete('alan');
  await assert.rejects(users.get('alan'), (error) => {
    assert.ok(error instanceof Knock.NotFoundError);
    assert.equal(error.error.code, 'resource_missing');
    return true;
  });
});

test('merge', async () => {
  const merged = await users.merge('jane', { from_user_id: 'jane-old' });
  assert.deepEqual([merged.id, merged.email, merged.legacy_id], ['jane', 'jane@ingen.net', 7]);
  await assert.rejects(users.get('jane-old'), Knock.NotFoundError);
});

test('preferences', async () => {
  const set = await users.setPreferences('ian', 'default', {
    workflows: { a: false, b: { channel_types: { email: false } } },
    categories: { c: { conditions: [{ variable: 'recipient.plan', operator: 'equal_to', argument: 'pro' }] } },
    channels: { [EMAIL]: true },
    commercial_subscribed: true,
  });
  assert.equal(set.workflows.b.channel_types.email, false);
  const merged = await users.setPreferences('ian', 'default', {
    __persistence_strategy__: 'merge', workflows: { b: { channel_types: { sms: true } } },
  });
  assert.deepEqual(merged.workflows, { a: false, b: { channel_types: { email: false, sms: true } } });
  assert.deepEqual(merged.channels, { [EMAIL]: true });
  const replaced = await users.setPreferences('ian', 'default', { categories: { d: false } });
  assert.deepEqual([replaced.workflows, replaced.categories], [null, { d: false }]);

  const sets = async () => (await users.listPreferences('jane')).map((preferences) => preferences.id);
  assert.deepEqual(await sets(), ['acme', 'default']);
  const acme = await users.getPreferences('jane', 'default', { tenant: 'acme' });
  assert.deepEqual(acme.categories.billing, { channel_types: { email: true } });
  await users.unsetPreferences('jane', 'acme');
  assert.deepEqual(await sets(), ['default']);
});

test('channel data', async () => {
  const push = await users.setChannelData('ian', PUSH, { data: { tokens: ['a', 'b'] } });
  assert.equal(push.provider, 'push_fcm');
  assert.deepEqual(push.data.devices.map((device) => device.token), ['a', 'b']);
  const connections = [{ incoming_webhook: { url: 'https://example.com/hook' } }];
  const slack = await users.setChannelData('ian', SLACK, { data: { connections } });
  assert.deepEqual(slack.data.connections, connections);
  assert.deepEqual((await users.getChannelData('ian', PUSH)).data.tokens, ['a', 'b']);
  await users.unsetChannelData('ian', PUSH);
  await assert.rejects(users.getChannelData('ian', PUSH), Knock.NotFoundError);
});

test('messages', async () => {
  const numbers = async (query) => (await all(users.listMessages('jane', query))).map((message) => message.data.number);
  assert.deepEqual(await numbers({ page_size: 5 }), [...Array(12).keys()]);
  assert.deepEqual(await numbers({ status: ['bounced', 'queued'] }), [2, 3, 6, 7, 10, 11]);
  assert.deepEqual(await numbers({ engagement_status: ['read'], tenant: 'acme' }), [8, 9, 10, 11]);
  assert.deepEqual(await numbers({ channel_id: EMAIL, source: 'comment-created' }), [0, 6]);
  assert.deepEqual(await numbers({ message_ids: ['DemoMessage0000000000000003'] }), [3]);
  assert.deepEqual(await numbers({ workflow_categories: ['digest'], page_size: 4 }), [1, 3, 5, 7, 9, 11]);
  assert.deepEqual(await numbers({ trigger_data: '{"number":4}' }), [4]);
  assert.deepEqual(await numbers({ workflow_run_id: 'f3000000-0000-4000-8000-000000000004' }), [4]);
  assert.deepEqual(await numbers({ workflow_recipient_run_id: 'f4000000-0000-4000-8000-000000000005' }), [5]);
  const pivot = (await users.listMessages('jane')).items[3].inserted_at;
  assert.deepEqual(await numbers({ inserted_at: { gte: pivot } }), [0, 1, 2, 3]);
});

test('schedules', async () => {
  const schedules = await all(users.listSchedules('jane', { page_size: 1 }));
  assert.deepEqual(schedules.map((schedule) => schedule.workflow), ['standup', 'weekly-digest']);
  assert.deepEqual([schedules[0].recipient.id, schedules[0].actor.id], ['jane', 'ellie']);
  const filtered = await all(users.listSchedules('jane', { workflow: 'standup', tenant: 'acme' }));
  assert.equal(filtered.length, 1);
});

test('subscriptions', async () => {
  const objects = async (query) => (await all(users.listSubscriptions('jane', query))).map((entry) => entry.object.id);
  assert.deepEqual(await objects({ page_size: 2 }), ['jeep-12', 'visitor-center', 'fences']);
  const wanted = [{ id: 'fences', collection: 'projects' }, { id: 'jeep-12', collection: 'assets' }];
  assert.deepEqual(await objects({ objects: wanted }), ['jeep-12', 'fences']);
  const [entry] = (await users.listSubscriptions('jane', { include: ['preferences'] })).entries;
  assert.ok(entry.recipient.preferences.default);
});

test('feeds', async () => {
  const numbers = async (query) => (await all(users.feeds.listItems('jane', FEED, query))).map((item) => item.data.number);
  assert.deepEqual(await numbers({ page_size: 20 }), [...Array(55).keys()]);
  assert.deepEqual(await numbers({ status: 'unseen' }), [...Array(10).keys()]);
  assert.deepEqual(await numbers({ archived: 'only' }), [55, 56, 57, 58, 59]);
  assert.deepEqual(await numbers({ tenant: 'globex', has_tenant: true, status: 'unseen' }), [2, 6]);
  assert.deepEqual(await numbers({ workflow_categories: ['billing'], status: 'unseen' }), [1, 3, 5, 7, 9]);
  assert.deepEqual(await numbers({ trigger_data: '{"kind":"invoice-paid","number":7}' }), [7]);
  assert.deepEqual(await numbers({ inserted_at: { gt: '2999-01-01T00:00:00Z' }, locale: 'en-US' }), []);
  const page = await users.feeds.listItems('jane', FEED, { page_size: 1, exclude: 'entries.archived_at' });
  assert.equal(page.entries[0].actors[0].id, 'ian');
  assert.ok(!('archived_at' in page.entries[0]));
  const compact = await users.feeds.listItems('jane', FEED, { page_size: 1, mode: 'compact' });
  assert.deepEqual(compact.entries[0].data, { kind: 'comment-created', number: 0 });
  const settings = await users.feeds.getSettings('jane', FEED);
  assert.equal(settings.features.branding_required, true);
});

test('guides', async () => {
  const tours = await users.guides.getChannel('jane', GUIDES, { type: 'tour', data: '{"page":"home"}' });
  assert.deepEqual(tours.entries.map((guide) => guide.key), ['pro-tour']);
  const ok = { status: 'ok' };
  assert.deepEqual(await users.guides.markMessageAsSeen('ian', { content: { title: 'Hi' }, ...STEP }), ok);
  const seen = await messageOf();
  assert.ok(seen.seen_at && !seen.read_at);
  assert.deepEqual(await users.guides.markMessageAsInteracted('ian', { metadata: { button: 'ok' }, ...STEP }), ok);
  assert.ok((await messageOf()).interacted_at);
  assert.deepEqual(await users.guides.markMessageAsArchived('ian', { is_final: true, ...STEP }), ok);
  const after = await users.guides.getChannel('ian', GUIDES);
  assert.ok(!after.entries.some((guide) => guide.key === 'welcome-banner'));
  assert.ok(after.guide_group_display_logs.default);
  assert.deepEqual(await users.guides.unarchiveGuideMessage('ian', { guide_key: 'welcome-banner' }), ok);
  assert.deepEqual((await requests()).at(-1).json, { guide_key: 'welcome-banner' });
  assert.equal((await messageOf()).archived_at, null);
  assert.deepEqual(await users.guides.resetGuideEngagements('ian', { guide_key: 'welcome-banner' }), ok);
  assert.equal((await messageOf()).id, null);
});

test('bulk', async () => {
  const people = Array.from({ length: 7 }, (_, n) => ({ id: `bulk-${n}`, name: `Bulk ${n}`, plan: 'pro' }));
  const done = await finish(await users.bulk.identify({ users: people }));
  assert.deepEqual([done.name, done.processed_rows, done.success_count], ['users.identify', 7, 7]);
  assert.equal((await users.get('bulk-6')).plan, 'pro');
  const preferences = { id: 'acme', workflows: { digest: false } };
  await finish(await users.bulk.setPreferences({ user_ids: ['bulk-1'], preferences }));
  assert.deepEqual((await users.getPreferences('bulk-1', 'acme')).workflows, { digest: false });
  await finish(await users.bulk.delete({ user_ids: ['bulk-1', 'bulk-2'] }));
  await assert.rejects(users.get('bulk-1'), Knock.NotFoundError);
});

test('preference center', async () => {
  const config = await users.preferenceCenter.getConfig('jane');
  assert.equal(config.user_email, 'jane@ingen.net');
  assert.equal(config.config.rows[1].identifier, 'weekly-digest');
  const link = await users.preferenceCenter.generateSignedURL('jane');
  assert.ok(link.url.endsWith(link.token));
});

test('errors are told apart', async () => {
  await assert.rejects(users.update('jane', { email: 7 }), (error) => {
    assert.ok(error instanceof Knock.UnprocessableEntityError);
    assert.equal(error.error.errors[0].field, 'email');
    return true;
  });
  const stranger = new Knock({ apiKey: 'wrong', baseURL: url });
  await assert.rejects(stranger.users.get('jane'), Knock.AuthenticationError);
  const errors = [[400, Knock.BadRequestError], [403, Knock.PermissionDeniedError], [409, Knock.ConflictError],
    [429, Knock.RateLimitError], [503, Knock.InternalServerError]];
  for (const [status, error] of errors) {
    await sandbox('POST', 'faults', { status });
    await assert.rejects(users.get('jane'), error);
  }
});

test('retries reach the sandbox', async () => {
  await sandbox('POST', 'faults', { status: 503, headers: { 'retry-after-ms': '1' }, times: 2 });
  assert.equal((await users.get('jane', { maxRetries: 2 })).id, 'jane');
  assert.deepEqual((await requests()).map((request) => request.status), [503, 503, 200]);
  await sandbox('POST', 'faults', { send: 'nothing', then: 'reset' });
  await assert.rejects(users.get('jane'), Knock.APIConnectionError);
});

test('every method was called', () => {
  const missing = Object.entries(resources)
    .flatMap(([group, resource]) => methodsOf(resource).map((name) => `${group}.${name}`))
    .filter((name) => !called.has(name));
  assert.deepEqual(missing, []);
});
