import { load } from 'js-yaml';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { fieldsOf } from '../src/core/fields.ts';
import type { Sandbox } from './sandbox.ts';

type Heading = (text: string) => void;
type Config = Readonly<Record<string, unknown>>;

/** Shows what a run left behind: the commit, the Application, and logins with the new credentials. */
export async function showResult(
  sandbox: Sandbox,
  repository: string,
  instance: string,
  heading: Heading,
): Promise<void> {
  heading('The commit in the cluster repository (passwords hidden here)');
  const diff = await sandbox.git.git(repository, 'show', '--format=%an <%ae>%n%n%B', 'main');
  say(diff.replace(/((?:PASSWORD|_KEY): ").*(")/g, '$1…$2'));
  heading('The Application in the cluster');
  say(JSON.stringify(applicationIn(sandbox, instance), null, 2));
  const bytes = await sandbox.git.read(repository, `instances/${instance}/config.yml`);
  const config = fieldsOf(load(bytes?.toString('utf8') ?? ''));
  heading('Logins with the credentials of config.yml');
  await showMysql(config);
  await showMongodb(config);
  await showBucket(config);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function applicationIn({ kubernetes }: Sandbox, instance: string): unknown {
  const found = kubernetes.store.everything().find(({ info, object }) => {
    return info.kind === 'Application' && object.metadata.name === `${instance}-production`;
  });
  return found === undefined ? 'none' : { name: found.object.metadata.name, spec: found.object.spec };
}

async function showMysql(config: Config): Promise<void> {
  const connection = await createConnection({
    host: String(config.MYSQL_HOST),
    port: Number(config.MYSQL_PORT),
    user: String(config.MYSQL_USERNAME),
    password: String(config.MYSQL_PASSWORD),
  });
  const [rows] = await connection.query('SHOW DATABASES');
  await connection.end();
  say(`MySQL, as ${config.MYSQL_USERNAME}: ${JSON.stringify(rows)}`);
}

async function showMongodb(config: Config): Promise<void> {
  const client = new MongoClient(`mongodb://${config.MONGODB_HOST}:${config.MONGODB_PORT}/`, {
    auth: { username: String(config.MONGODB_USERNAME), password: String(config.MONGODB_PASSWORD) },
    authSource: String(config.MONGODB_AUTH_SOURCE),
    directConnection: true,
  });
  const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
  const collection = client.db(String(config.MONGODB_DATABASE)).collection('demo');
  await collection.insertOne({ hello: 'world' });
  await client.close();
  say(
    `MongoDB, as ${config.MONGODB_USERNAME}: ${JSON.stringify(authInfo.authenticatedUserRoles)}, and a document written`,
  );
}

async function showBucket(config: Config): Promise<void> {
  const { S3_USE_SSL: tls, S3_HOST: host, S3_PORT: port, S3_STORAGE_BUCKET: bucket } = config;
  const url = `${tls === false ? 'http' : 'https'}://${host}:${port ?? 443}/${bucket}`;
  const { status } = await fetch(url);
  say(`Bucket ${bucket}: an anonymous GET is answered ${status}`);
}
