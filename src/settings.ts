/**
 * The settings of a run once they are read and checked: plain data, the same whether they came from a GitHub action's
 * inputs, from the environment or from a command line. `action/settings.ts` has the table of their names.
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
export type SslMode = 'disabled' | 'preferred' | 'required' | 'verify-ca';

export interface MysqlSettings {
  readonly provider: 'direct';
  readonly host: string;
  readonly port: number;
  readonly adminUser: string;
  readonly adminPassword: string;
  readonly sslMode: SslMode;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
}

export interface MongodbSettings {
  readonly provider: 'direct';
  readonly host: string;
  readonly port: number;
  readonly adminUser: string;
  readonly adminPassword: string;
  /** Database that the admin logs in against. */
  readonly authSource: string;
  readonly replicaSet: string | undefined;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
}

export interface StorageSettings {
  /** `spaces` is DigitalOcean Spaces; `s3` without an endpoint is AWS, with one any S3-compatible service. */
  readonly type: 's3' | 'spaces';
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Root of the S3 API without a path, such as `https://nyc3.digitaloceanspaces.com`; always there for Spaces. */
  readonly endpointUrl: string | undefined;
}
