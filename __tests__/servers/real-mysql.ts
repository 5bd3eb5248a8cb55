import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type PodResult, runPod } from '../provisioners/pod.ts';

/** A MySQL or MariaDB that tests may do anything with. */
export interface RealMysql {
  /** Such as `MySQL 9.7.4 at 127.0.0.1:3306`. */
  readonly title: string;
  readonly isMariadb: boolean;
  /** Where a connection from here comes from, as the server sees it: in a container it is the gateway of its network. */
  readonly clientHost: string;
  readonly host: string;
  readonly port: number;
  readonly adminUser: string;
  readonly adminPassword: string;
  login(user: string, password: string): Promise<Connection>;
  /** Runs SQL as the admin, by a connection of its own. */
  sql(...statements: readonly string[]): Promise<RowDataPacket[]>;
  /** The variables of a pod for a database and a user of that name. */
  task(name: string, others?: Readonly<Record<string, string>>): Record<string, string>;
  /** Provisions, or what `others` say. */
  run(name: string, others?: Readonly<Record<string, string>>): Promise<PodResult>;
  /** Does the work while global variables have other values. */
  withGlobals(values: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<void>;
}

/** The servers of TEST_MYSQL_URL: one or more URLs. */
export async function realServers(): Promise<RealMysql[]> {
  const urls = (process.env.TEST_MYSQL_URL ?? '').split(/\s+/).filter((url) => url !== '');
  return await Promise.all(urls.map(serverAt));
}

async function serverAt(url: string): Promise<RealMysql> {
  const { hostname: host, port: portText, username, password } = new URL(url);
  const [port, adminUser, adminPassword] = [
    Number(portText),
    decodeURIComponent(username),
    decodeURIComponent(password),
  ];
  const login = async (user: string, password: string) => await createConnection({ host, port, user, password });
  const onConnection = async (connection: Connection, statements: readonly string[]) => {
    let rows: RowDataPacket[] = [];
    for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows;
  };
  const sql = async (...statements: readonly string[]) => {
    const connection = await login(adminUser, adminPassword);
    try {
      return await onConnection(connection, ["SET SESSION sql_mode = ''", ...statements]);
    } finally {
      await connection.end();
    }
  };
  const task = (name: string, others: Readonly<Record<string, string>> = {}) => ({
    MYSQL_PROVIDER: 'direct',
    CONNECTION_FILE: '/dev/null',
    MYSQL_HOST: host,
    MYSQL_PORT: String(port),
    MYSQL_SSL_MODE: 'preferred',
    MYSQL_ADMIN_USER: adminUser,
    MYSQL_ADMIN_PASSWORD: adminPassword,
    MYSQL_DATABASE: name,
    MYSQL_USERNAME: name.slice(0, 32),
    MYSQL_PASSWORD: 'it\'s "a" \\ pässword',
    ...others,
  });
  const [version] = await sql(
    "SELECT VERSION() AS text, @@lower_case_table_names AS folding, SUBSTRING_INDEX(USER(), '@', -1) AS client",
  );
  const isMariadb = String(version?.text).includes('MariaDB');
  const [number] = String(version?.text).split('-');
  return {
    title: `${isMariadb ? 'MariaDB' : 'MySQL'} ${number}, lower_case_table_names=${version?.folding}, at ${host}:${port}`,
    isMariadb,
    clientHost: String(version?.client),
    host,
    port,
    adminUser,
    adminPassword,
    login,
    sql,
    task,
    run: async (name, others) => await runPod('mysql', task(name, others)),
    withGlobals: async (values, work) => {
      // This connection lasts, also where the server takes no such connection any more.
      const admin = await login(adminUser, adminPassword);
      const names = Object.keys(values);
      const [before] = await onConnection(admin, [`SELECT ${names.map((name) => `@@GLOBAL.${name} AS ${name}`)}`]);
      try {
        for (const name of names) await admin.query(`SET GLOBAL ${name} = ?`, [values[name]].map(numeric));
        await work();
      } finally {
        for (const name of names) await admin.query(`SET GLOBAL ${name} = ?`, [before?.[name]].map(numeric));
        await admin.end();
      }
    },
  };
}

/** Switches take a number or a word without quotes alone. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}
