// A program that has neither the types of Node nor those of the DOM. Checked by compiling; nothing here runs.
import { Client, type ClientOptions, type Reply, type Signal } from 'agglestone';
import { type Fetch, userFetch } from 'agglestone/fetch';

declare const environment: Readonly<Record<string, string | undefined>>;
declare const signal: Signal;

// What may be missing is passed on as it is.
const options: ClientOptions = { tenantId: environment['TENANT'], apiKey: environment['KEY'], timeout: undefined };
const client = new Client(options);

const page = await client.getUsers({ pageSize: 20, signal });
const reply: Reply = await client.post('api/v2.0/Users', { json: { email: page.data[0]?.email }, signal, timeout: 500 });
const kind: string | null = reply.headers.get('content-type');
reply.headers.forEach((value: string, name: string) => void [value, name]);
for (const [name, value] of reply.headers) void [name.length, value.length];
const fetchAsUser: Fetch = userFetch(client, 'id');
void fetchAsUser('https://orders.example');
for await (const user of client.iterUsers()) void user.userId;
client.close();

// @ts-expect-error a signal is none by its state alone
client.getUsers({ signal: { aborted: false } });

void kind;
