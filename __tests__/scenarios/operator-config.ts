import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { World } from './world.ts';

const fixture = path.join(import.meta.dirname, '..', 'fixtures', 'operator-config.yml');

/** An operator's config.yml, made that of this instance and of this world's servers. */
export async function operatorConfig({ settings }: World, name: string): Promise<string> {
  const text = await readFile(fixture, 'utf8');
  return text
    .replaceAll('riverside', name)
    .replaceAll('mysql.cluster.example.org', settings.LAUNCHPAD_MYSQL_HOST ?? '')
    .replaceAll('"3306"', `"${settings.LAUNCHPAD_MYSQL_PORT}"`)
    .replaceAll('mongodb.cluster.example.org', settings.LAUNCHPAD_MONGODB_HOST ?? '')
    .replaceAll('"27017"', `"${settings.LAUNCHPAD_MONGODB_PORT}"`)
    .replaceAll('https://s3.example.org', settings.LAUNCHPAD_STORAGE_ENDPOINT_URL ?? '');
}
