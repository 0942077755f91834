import { openSession, run } from './dispatch.js';
import type { NativeSession } from './native.js';

export class Client {
  readonly tenantUrl: string;
  readonly #session: NativeSession;
  constructor() {
    this.#session = openSession({ runtime: `node/${process.versions.node}` });
    this.tenantUrl = this.#session.tenantUrl;
  }
  getUsers(): Promise<unknown> {
    const session = this.#session;
    return run(session, undefined, (slot) => session.getUsers(slot, 1, 10), (body) => JSON.parse(body as string) as unknown);
  }
  close() { this.#session.close(); }
}
