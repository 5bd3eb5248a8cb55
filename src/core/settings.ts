/**
 * The settings of a run once they are read and checked: plain data, the same whether they came from a GitHub action's
 * inputs, from the environment or from a command line. `inputs/settings.ts` has the table of their names.
 */
export interface Settings {
  readonly registry: RegistrySettings;
  readonly mysql: MysqlSettings;
  readonly mongodb: MongodbSettings;
  readonly storage: StorageSettings;
  /** Domain under which a new instance gets its hosts, such as `example.org`. */
  readonly clusterDomain: string | undefined;
  /** Ends the name of the Application: `<instance>-<environment>`. */
  readonly environment: string;
  /** Directory of the cluster repository that has a directory for each instance; no slash at either end. */
  readonly instancesDirectory: string;
  /** Image with Node in which the provisioners run. */
  readonly provisionerImage: string;
  /**
   * What a template's `env()` may see, by name of the environment variable: the settings that are not secret, and of the
   * secrets those that the instance itself needs (registry credentials, storage keys).
   */
  readonly templateEnvironment: ReadonlyMap<string, string>;
}

export interface RegistrySettings {
  /** Host of the registry, such as `ghcr.io`. */
  readonly server: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/**
 * How the connection to MySQL is protected; the meaning is that of MySQL's own `--ssl-mode`
 * (https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode).
 */
type SslMode = 'disabled' | 'preferred' | 'required' | 'verify-ca';

/** DigitalOcean's API (https://docs.digitalocean.com/reference/api/). */
export interface DigitaloceanApi {
  /** Root of the API, such as `https://api.digitalocean.com`. */
  readonly url: string;
  readonly token: string;
}

/** The Atlas Administration API (https://www.mongodb.com/docs/atlas/api/). */
export interface AtlasApi {
  /** Root of the API, such as `https://cloud.mongodb.com`. */
  readonly url: string;
  readonly credentials:
    | { readonly kind: 'digest'; readonly publicKey: string; readonly privateKey: string }
    | {
        readonly kind: 'service-account';
        readonly clientId: string;
        readonly clientSecret: string;
        readonly sharedToken?: string | undefined;
      };
}

/** MySQL, which both providers administer by SQL. */
export type MysqlSettings = MysqlDirect | MysqlDigitalocean;

interface MysqlConnection {
  readonly sslMode: SslMode;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
}

interface MysqlDirect extends MysqlConnection {
  readonly provider: 'direct';
  readonly host: string;
  readonly port: number;
  readonly adminUser: string;
  readonly adminPassword: string;
}

/** A managed cluster, whose API gives what is undefined here. */
interface MysqlDigitalocean extends MysqlConnection {
  readonly provider: 'digitalocean';
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly adminUser: string | undefined;
  readonly adminPassword: string | undefined;
  readonly api: DigitaloceanApi;
  readonly clusterId: string;
}

export type MongodbSettings = MongodbDirect | MongodbDigitalocean | MongodbAtlas;

interface MongodbConnection {
  readonly replicaSet: string | undefined;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
}

/** An admin user creates users by commands. */
interface MongodbDirect extends MongodbConnection {
  readonly provider: 'direct';
  readonly host: string;
  readonly port: number;
  readonly adminUser: string;
  readonly adminPassword: string;
  /** Database of the admin's login; without one that of the TXT record of an SRV name, else `admin`. */
  readonly authSource: string | undefined;
}

/** The API of a managed cluster creates users, and gives what is undefined here. */
interface MongodbDigitalocean extends MongodbConnection {
  readonly provider: 'digitalocean';
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly api: DigitaloceanApi;
  readonly clusterId: string;
}

/** The Atlas Administration API creates users, and gives the cluster's address. */
interface MongodbAtlas extends MongodbConnection {
  readonly provider: 'atlas';
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly api: AtlasApi;
  readonly projectId: string;
  readonly clusterName: string;
  /** The way from the Kubernetes cluster to the cluster of Atlas. */
  readonly connection: 'standard' | 'private' | 'private-endpoint';
}

export interface StorageSettings {
  /** `spaces` is DigitalOcean Spaces; `s3` without an endpoint is AWS, with one any S3-compatible service. */
  readonly type: 's3' | 'spaces';
  readonly region: string;
  /** Without it, config.yml must have the instance's own. */
  readonly accessKey: AccessKey | undefined;
  /** Root of the S3 API without a path, such as `https://nyc3.digitaloceanspaces.com`; always set for Spaces. */
  readonly endpointUrl: string | undefined;
  /** Whether anybody may read the objects; nobody may list them. */
  readonly makePublic: boolean;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
}
