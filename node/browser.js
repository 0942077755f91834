// What bundlers for browsers and edge runtimes get instead of the client.
throw new Error(
  'agglestone: API keys are for back ends only. Anyone who loads a page can read a key in it, and a key opens the whole ' +
    'tenant. Call the service from your server and give the browser what it needs.',
);
