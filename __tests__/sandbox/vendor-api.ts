import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { Listening } from '../../sandbox/listening.ts';

/** The answer of a stand-in, its JSON read. */
export async function send(url: string, request: RequestInit) {
  const response = await fetch(url, request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Does something with a database server as a user. @throws as the driver does */
export async function as<T>(
  { host, port }: Listening,
  [username, password]: readonly [string, string],
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(`mongodb://${host}:${port}/`, {
    auth: { username, password },
    authSource: 'admin',
    directConnection: true,
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Writes to a database as a user. @throws as the driver does */
export async function write(server: Listening, user: readonly [string, string], database: string): Promise<void> {
  await as(server, user, async (client) => await client.db(database).collection('c').insertOne({ a: 1 }));
}

/** Waits until the check passes, for 10 s at most. @throws as the check did last */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 10_000; ; ) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(20);
    }
  }
}
