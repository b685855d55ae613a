// node sdk.cjs BASE_URL get|put|feed CALLS: Knock's own package for Node.
const { Knock } = require('@knocklabs/node');

const [baseURL, work, calls] = process.argv.slice(2);
const client = new Knock({ apiKey: 'sk_test_12345', baseURL });

const call = {
  get: () => client.users.get('jane'),
  put: () => client.users.update('jane', { name: 'Jane Doe', email: 'jane@ingen.net', plan: 'pro' }),
  feed: () => client.users.feeds.listItems('jane', 'feed', { page_size: 50 }),
}[work];

(async () => {
  for (let n = 0; n < Number(calls); n++) await call();
})();
