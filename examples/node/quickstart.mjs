// Lists the first users of the tenant and gets a token for one of them.
// Configured by AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY.
import { Client } from 'agglestone';

const client = new Client();

const page = await client.getUsers();
console.log(`Users: ${page.data.length} of ${page.totalRecords}`);

const user = page.data.find((user) => user.enabled);
if (user) {
  const token = await client.getToken(user.userId);
  const expires = token.expiresAt?.toISOString().replace('.000Z', 'Z');
  console.log(`Token for ${token.userId} expires ${expires}`);
}
