// The same declarations for CommonJS.
import agglestone = require('agglestone');
import { Client, type User } from 'agglestone';

const client: agglestone.Client = new Client();
const users: Promise<User[]> = client.getUsers().then((page) => page.data);
void users;
