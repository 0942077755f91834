// What bundlers for browsers and edge runtimes get instead of the client, and tests that imitate a browser in Node.
const underNode = typeof process === 'object' && typeof process.versions?.node === 'string';

throw new Error(
  underNode
    ? 'agglestone: this is Node, but the package was looked up as for a browser, where API keys are for back ends only. Test runners ' +
        'do that for jsdom: run this test file in the environment `node` (`@jest-environment node`, `@vitest-environment node`), or ' +
        "have packages looked up as in Node (jest: `testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] }`)."
    : 'agglestone: API keys are for back ends only. Anyone who loads a page can read a key in it, and a key opens the whole ' +
        'tenant. Call the service from your server and give the browser what it needs.',
);
