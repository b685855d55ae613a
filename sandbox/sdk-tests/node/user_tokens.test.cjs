// User tokens of Knock's own Node package and of knock-client, byte for byte.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { createPrivateKey } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { mock, test } = require('node:test');
const { buildUserTokenGrant, Grants, signUserToken } = require('@knocklabs/node');

const PKCS1 = readFileSync(path.join(__dirname, '../../tests/fixtures/user_token_private.pem'), 'utf8');
// The only form that the package takes.
const PKCS8 = createPrivateKey(PKCS1).export({ type: 'pkcs8', format: 'pem' });
const NOW = 1735689600;

function ours(...asked) {
  const tokens = execFileSync('python3', [path.join(__dirname, 'sign.py')], {
    input: JSON.stringify(asked),
    encoding: 'utf8',
  });
  return JSON.parse(tokens);
}

async function theirs(userId, options = {}, now = NOW) {
  const clock = mock.method(Date, 'now', () => now * 1000);
  try {
    return await signUserToken(userId, { signingKey: PKCS8, ...options });
  } finally {
    clock.mock.restore();
  }
}

function payload(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

function request(userId, more = {}) {
  return { user_id: userId, signing_key: PKCS1, issued_at: NOW, ...more };
}

test('a token with nothing but a user', async () => {
  assert.deepEqual(ours(request('jhammond')), [await theirs('jhammond')]);
});

test('every form of the key', async () => {
  const token = await theirs('jhammond');
  const keys = [PKCS8, Buffer.from(PKCS8).toString('base64'), Buffer.from(PKCS1).toString('base64')];
  const tokens = ours(...keys.map((signing_key) => request('jhammond', { signing_key })));
  assert.deepEqual(tokens, keys.map(() => token));
  assert.equal(await theirs('jhammond', { signingKey: keys[1] }), token);
});

test('user ids of any text', async () => {
  const ids = ['jane@ingen.net', 'a/b?c#d', '"quoted" \\ back', 'tab\tline\n\u0001\u007f\b\f', 'zoë 🐴 \u2028', '0'];
  const tokens = [];
  for (const id of ids) tokens.push(await theirs(id));
  assert.deepEqual(ours(...ids.map((id) => request(id))), tokens);
});

test('other times of issue and expiry', async () => {
  const times = [[NOW, 1], [1, 600], [NOW + 86400, 31536000]];
  const tokens = [];
  for (const [now, expiresInSeconds] of times) tokens.push(await theirs('jane', { expiresInSeconds }, now));
  const asked = times.map(([issued_at, expires_in]) => request('jane', { issued_at, expires_in }));
  assert.deepEqual(ours(...asked), tokens);
});

test('every grant that the package names, on every kind of entity', async () => {
  const names = Object.values(Grants);
  assert.ok(names.length >= 5);
  const grants = [
    buildUserTokenGrant({ type: 'user', id: 'jane doe/é' }, names),
    buildUserTokenGrant({ type: 'tenant', id: 'jurassic-park' }, names),
    buildUserTokenGrant({ type: 'object', collection: 'projects', id: 'p1' }, names),
  ];
  const asked = request('jane', {
    grants: [['user', 'jane doe/é', names], ['tenant', 'jurassic-park', names], ['object', 'projects', 'p1', names]],
  });
  assert.deepEqual(ours(asked), [await theirs('jane', { grants })]);
});

test('several grants for one entity', async () => {
  const parts = [
    ['acme', [Grants.SlackChannelsRead]],
    ['other', [Grants.UserFeedRead]],
    ['acme', [Grants.ChannelDataRead, Grants.SlackChannelsRead]],
  ];
  const grants = parts.map(([id, names]) => buildUserTokenGrant({ type: 'tenant', id }, names));
  const asked = request('jane', { grants: parts.map(([id, names]) => ['tenant', id, names]) });
  assert.deepEqual(ours(asked), [await theirs('jane', { grants })]);
});

test('an id of its own', async () => {
  const token = await theirs('jane', { shouldGenerateJti: true });
  const { jti } = payload(token);
  const [same, random] = ours(request('jane', { jti }), request('jane', { jti: true }));
  assert.equal(same, token);
  assert.match(payload(random).jti, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
