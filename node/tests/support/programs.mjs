// Programs that run in a process of their own.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { environment } from './service.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Runs an ES module to its end. One that hangs is killed, which shows as the signal. */
export function program(code, { flags = [], env = {} } = {}) {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd: here,
    env: { ...environment, ...env },
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (errors += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output: output.trim(), errors: errors.trim() }));
  });
}
