// A worker with a client of its own, which does as `workerData.task` says and leaves the client open.
import { parentPort, workerData } from 'node:worker_threads';

import { Client } from 'agglestone';

const client = new Client(workerData.settings);

const tasks = {
  async answer() {
    const pages = await Promise.all(Array.from({ length: 20 }, () => client.getUsers({ pageSize: 1 })));
    parentPort.postMessage(pages.length);
  },
  wait() {
    for (let i = 0; i < 20; i++) client.getUsers().catch(() => {});
    parentPort.postMessage('waiting');
  },
  async events() {
    const told = new Promise((resolve) => client.on('event', resolve));
    client.setApiKeys('key-of-a-worker');
    // An event alone does not keep a worker alive; a call does.
    await client.getUsers().catch(() => {});
    const { name, primary } = await told;
    parentPort.postMessage([name, primary]);
  },
  async source() {
    const keySource = () => (parentPort.postMessage('asked'), new Promise(() => {}));
    await new Client({ ...workerData.settings, apiKey: undefined, keySource }).getUsers();
  },
  blocked() {
    const keySource = () => ({ primary: 'never-asked-for' });
    new Client({ ...workerData.settings, apiKey: undefined, keySource }).getUsers().catch(() => {});
    // The source is wanted, and this thread never gets to it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  exit() {
    tasks.wait();
    process.exit(7);
  },
};

await tasks[workerData.task]();
