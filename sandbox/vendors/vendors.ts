import { randomBytes } from 'node:crypto';
import type { Admin } from '../databases/mysql.ts';
import { type AtlasApi, startAtlas } from './atlas.ts';
import { type DigitaloceanApi, startDigitalocean } from './digitalocean.ts';

/** A database server that stands behind the vendors' APIs, as its administrator reaches it. */
interface ManagedServer extends Admin {
  readonly host: string;
  readonly port: number;
}

/** The APIs of vendors of managed databases. */
export interface Vendors {
  readonly digitalocean: DigitaloceanApi;
  readonly atlas: AtlasApi;
  /** Settings by environment variable, by which an operator chooses a vendor; they take the place of the direct ones. */
  readonly settings: {
    readonly mongodbDigitalocean: Readonly<Record<string, string>>;
    readonly mongodbAtlas: Readonly<Record<string, string>>;
    readonly mysqlDigitalocean: Readonly<Record<string, string>>;
  };
  stop(): Promise<void>;
}

const MONGODB_CLUSTER = '9cc10173-e9ea-4176-9dbc-a4cee4c4ff30';
const MYSQL_CLUSTER = '88055188-9e54-4f21-ab11-8a918ed79ee2';
const PROJECT = '32b6e34b3d91647abb20e7b8';
const CLUSTER = 'Cluster0';

/** The direct settings, emptied: an empty variable is absent. */
const NO_MONGODB = {
  LAUNCHPAD_MONGODB_HOST: '',
  LAUNCHPAD_MONGODB_PORT: '',
  LAUNCHPAD_MONGODB_ADMIN_USER: '',
  LAUNCHPAD_MONGODB_ADMIN_PASSWORD: '',
  LAUNCHPAD_MONGODB_AUTH_SOURCE: '',
};
const NO_MYSQL = {
  LAUNCHPAD_MYSQL_HOST: '',
  LAUNCHPAD_MYSQL_PORT: '',
  LAUNCHPAD_MYSQL_ADMIN_USER: '',
  LAUNCHPAD_MYSQL_ADMIN_PASSWORD: '',
};

export interface VendorOptions {
  /** Address to listen on, where the pods reach it. */
  readonly host: string;
  readonly mysql: ManagedServer;
  readonly mongodb: ManagedServer;
}

/** Starts the vendors' APIs before these servers. */
export async function startVendors({ host, mysql, mongodb }: VendorOptions): Promise<Vendors> {
  const secret = () => randomBytes(16).toString('hex');
  const token = `dop_v1_${secret()}`;
  const keys = { publicKey: 'sandboxk', privateKey: secret() };
  const account = { clientId: `mdb_sa_id_${secret()}`, clientSecret: `mdb_sa_sk_${secret()}` };
  const place = ({ host: at, port }: ManagedServer) => ({ host: at, port });
  const [digitalocean, atlas] = await Promise.all([
    startDigitalocean({
      host,
      token,
      clusters: [
        { id: MONGODB_CLUSTER, engine: 'mongodb', server: place(mongodb), admin: mongodb, ssl: false },
        { id: MYSQL_CLUSTER, engine: 'mysql', server: place(mysql), admin: mysql, ssl: false },
      ],
    }),
    startAtlas({
      host,
      ...keys,
      ...account,
      projectId: PROJECT,
      cluster: {
        name: CLUSTER,
        kind: 'dedicated',
        standard: `mongodb://${mongodb.host}:${mongodb.port}/?ssl=false&authSource=admin`,
        standardSrv: undefined,
      },
      server: place(mongodb),
      admin: mongodb,
    }),
  ]);
  return {
    digitalocean,
    atlas,
    settings: {
      mongodbDigitalocean: {
        ...NO_MONGODB,
        LAUNCHPAD_DIGITALOCEAN_API_URL: digitalocean.url,
        LAUNCHPAD_DIGITALOCEAN_TOKEN: token,
        LAUNCHPAD_MONGODB_CLUSTER_ID: MONGODB_CLUSTER,
      },
      mongodbAtlas: {
        ...NO_MONGODB,
        LAUNCHPAD_ATLAS_API_URL: atlas.url,
        LAUNCHPAD_ATLAS_CLIENT_ID: account.clientId,
        LAUNCHPAD_ATLAS_CLIENT_SECRET: account.clientSecret,
        LAUNCHPAD_ATLAS_PUBLIC_KEY: keys.publicKey,
        LAUNCHPAD_ATLAS_PRIVATE_KEY: keys.privateKey,
        LAUNCHPAD_ATLAS_PROJECT_ID: PROJECT,
        LAUNCHPAD_ATLAS_CLUSTER_NAME: CLUSTER,
      },
      mysqlDigitalocean: {
        ...NO_MYSQL,
        LAUNCHPAD_MYSQL_PROVIDER: 'digitalocean',
        LAUNCHPAD_DIGITALOCEAN_API_URL: digitalocean.url,
        LAUNCHPAD_DIGITALOCEAN_TOKEN: token,
        LAUNCHPAD_MYSQL_CLUSTER_ID: MYSQL_CLUSTER,
      },
    },
    stop: async () => {
      await Promise.all([digitalocean.stop(), atlas.stop()]);
    },
  };
}
