/**
 * What is said of a bundle, which has lost sight of the addon.
 */

/** The error, with how each bundler is told to leave the package alone. */
export function bundled(cause: unknown): Error {
  return new Error(
    'agglestone: a bundle can\'t hold the native addon of this package: mark it as external and install it beside the bundle. ' +
      'esbuild: `--external:agglestone`; webpack, Rollup, Vite: `agglestone` in `externals`, `external`, `ssr.external`; ' +
      'Next.js: `serverExternalPackages: [\'agglestone\']`',
    { cause },
  );
}
