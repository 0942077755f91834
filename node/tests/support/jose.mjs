// The JWT library that verifies the tokens. A development dependency of the package, so it is not in the project that the
// package is installed into, but in the workspace around that project.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

function found() {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    for (const manifest of [join(folder, 'package.json'), join(folder, 'node', 'package.json')]) {
      if (existsSync(manifest)) {
        try {
          return createRequire(manifest).resolve('jose');
        } catch {
          // Not installed there.
        }
      }
    }
    if (folder === dirname(folder)) {
      throw new Error('jose is not installed: run npm ci in the folder node of the workspace');
    }
  }
}

export const { createRemoteJWKSet, errors, jwtVerify } = await import(pathToFileURL(found()).href);
