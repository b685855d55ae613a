// Prints what failed, and one line that counts.

module.exports = async function* report(events) {
  const counts = { passed: 0, failed: 0 };
  for await (const { type, data } of events) {
    // A file is reported as a test around its tests.
    if (data?.name?.endsWith('.test.cjs')) continue;
    if (type === 'test:pass') counts.passed += 1;
    if (type === 'test:fail') {
      counts.failed += 1;
      yield `FAILED ${data.name}\n${data.details.error.cause?.stack ?? data.details.error.stack}\n\n`;
    }
    if (type === 'test:stderr') yield data.message;
  }
  yield `node: ${counts.passed} passed, ${counts.failed} failed\n`;
};
