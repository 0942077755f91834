// Deno: workers that are terminated while they call leave no thread behind. Each of them runs this file as well.
import { readdirSync } from 'node:fs';
import { Client } from 'agglestone';

const WORKERS = 50;
// One that drives I/O and one that reads files are the process's, and Deno has a few of its own that come and go.
const MORE_AT_MOST = 12;

const threads = () => readdirSync('/proc/self/task').length;

async function worker() {
  const client = new Client();
  await client.getUsers();
  // Under way when the end comes.
  Array.from({ length: 8 }, () => client.getUsers().catch(() => {}));
  postMessage('calling');
}

async function main() {
  const before = threads();
  for (let number = 0; number < WORKERS; number += 1) {
    const worker = new Worker(import.meta.url, { type: 'module' });
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = reject;
    });
    worker.terminate();
  }
  for (let tries = 0; threads() > before + MORE_AT_MOST && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log(`threads: ${before} before, ${threads()} after ${WORKERS} workers`);
  Deno.exit(threads() > before + MORE_AT_MOST ? 1 : 0);
}

await (typeof WorkerGlobalScope === 'undefined' ? main() : worker());
