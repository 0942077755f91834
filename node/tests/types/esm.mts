// What the declarations promise, checked by compiling; nothing here runs. The lines marked must be refused.
import { AgglestoneError, ApiError, Client, NotFoundError, Reply, Token, UserClient } from 'agglestone';
import type {
  ApiKeys,
  CallOptions,
  ClientEvent,
  ClientOptions,
  FailoverEvent,
  KeyCheck,
  KeySource,
  KeyUsage,
  TokenOptions,
  TokenStats,
  User,
  UsersPage,
} from 'agglestone';
import { errorTable, liveHandles } from 'agglestone/diagnostics';

const options: ClientOptions = { tenantId: 't', apiKey: 'k', timeout: 1_000, allowInsecureHttp: true };
const client = new Client(options);
new Client();
const call: CallOptions = { signal: AbortSignal.timeout(1_000), timeout: 500, deadline: 900, maxRetries: 0 };

const page: UsersPage = await client.getUsers({ pageNumber: 1, pageSize: 20, ...call });
const user: User | undefined = page.data[0];
const id: string = user!.userId;
const name: string | null | undefined = user!.displayName;
const unknown: unknown = user!['shoeSize'];
const total: number | undefined = page.totalRecords;

for await (const each of client.iterUsers({ pageSize: 100 })) {
  const enabled: boolean | null | undefined = each.enabled;
  void enabled;
}

const jwt: string = await client.exchangeApiKeyForToken(id);
const token: Token = await client.getToken(id, call);
const expires: Date | null = token.expiresAt;

const fresh: TokenOptions = { fresh: true, ...call };
await client.exchangeApiKeyForToken(id, fresh);
client.forgetToken(id);
client.forgetTokens();
const stats: TokenStats = client.tokenStats();
const user2: UserClient = client.asUser(id);
const seen: UsersPage = await user2.getUsers({ pageSize: 1 });
const changed: Reply = await user2.patch('a', { json: {} });
const both: Client | UserClient = stats.hits > 0 ? client : user2;
for await (const each of both.iterUsers()) void each.userId;

const source: KeySource = async () => ({ primary: 'p', secondary: undefined });
const keys: ApiKeys = { primary: 'p', secondary: null };
new Client({ keySource: source, apiKeyFile: '/run/secrets/key', tokenCacheSize: 7 });
new Client({ keySource: () => keys });
client.setApiKeys('p');
client.setApiKeys('p', null);
const usage: KeyUsage = client.keyUsage();
const used: Date | null | undefined = usage.secondary?.lastUsed;
const check: KeyCheck = await client.checkApiKeys(call);
const accepted: boolean = check.primary.accepted;

client
  .on('failover', ({ from, to }: FailoverEvent) => void [from, to])
  .once('keysReplaced', ({ secondary }) => void (secondary satisfies string | null))
  .off('sourceFailed', ({ reason }) => void reason.length)
  .on('event', (event: ClientEvent) => {
    const level: 'debug' | 'info' | 'warning' | 'error' = event.level;
    if (event.name === 'keysRefused') void event.fingerprints.join();
    if (event.name === 'insecureHttp') void event.url.length;
    void level;
  });

const reply: Reply = await client.request('POST', 'api/Groups', {
  query: { a: 1, b: ['x', true], c: undefined },
  headers: new Headers({ a: 'b' }),
  json: { any: ['thing'] },
  signal: call.signal,
});
const header: string | null = reply.headers.get('x');
const bytes: Uint8Array = reply.bytes;
const typed: { id: string } = reply.json<{ id: string }>();
await client.get('a', { query: new URLSearchParams('a=b') });

try {
  await client.getUser(id);
} catch (error) {
  if (error instanceof NotFoundError) {
    const api: ApiError = error;
    const status: number | undefined = api.status;
    const code: 'AGG_NOT_FOUND' = error.code;
    void [status, code];
  } else if (error instanceof AgglestoneError) {
    const wait: number = error.retryAfter ?? 0;
    void [wait, error.retryable, error.requestId, error.serviceMessage, error.argument, error.attempts];
  }
}

{
  using short = new Client();
  await using other = new Client();
  void [short, other];
}

const rows: { number: number; name: string; retryable: boolean }[] = errorTable();
const live: number = liveHandles();

// @ts-expect-error an id is text
client.getUser(7);
// @ts-expect-error options are known by name
client.getUsers({ pagesize: 1 });
// @ts-expect-error a page size is a number
client.getUsers({ pageSize: '1' });
// @ts-expect-error options are known by name
new Client({ tenantID: 't' });
// @ts-expect-error times are numbers of milliseconds
new Client({ timeout: '1s' });
// @ts-expect-error a query holds no objects
client.get('a', { query: { a: {} } });
// @ts-expect-error the URL is not for changing
client.tenantUrl = 'x';
// @ts-expect-error events are known by name
client.on('failOver', () => {});
// @ts-expect-error each event has its own members
client.on('failover', ({ fingerprints }) => void fingerprints);
// @ts-expect-error a pair has a primary key
new Client({ keySource: () => ({ secondary: 's' }) });
// @ts-expect-error keys are texts
client.setApiKeys({ primary: 'p' });
// @ts-expect-error a user has no keys
client.asUser(id).setApiKeys('p');
// @ts-expect-error a token can't be changed
token.token = 'x';

void [name, unknown, total, jwt, expires, header, bytes, typed, rows, live, seen, changed, used, accepted];
