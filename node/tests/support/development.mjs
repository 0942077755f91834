// Development dependencies of the package: they are not in the project that the package is installed into, but in the
// workspace around that project.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The file that `import` of this package leads to. */
export function found(name) {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    for (const manifest of [join(folder, 'package.json'), join(folder, 'node', 'package.json')]) {
      if (existsSync(manifest)) {
        try {
          return pathToFileURL(createRequire(manifest).resolve(name)).href;
        } catch {
          // Not installed there.
        }
      }
    }
    if (folder === dirname(folder)) {
      throw new Error(`${name} is not installed: run npm ci in the folder node of the workspace`);
    }
  }
}

/** The JWT library that verifies the tokens. */
export const { createRemoteJWKSet, decodeJwt, errors, jwtVerify } = await import(found('jose'));

/** A bundler. */
export const { build } = await import(found('esbuild'));

/** The frameworks that the package has integrations for. */
export const { default: express } = await import(found('express'));
export const { default: fastify } = await import(found('fastify'));
