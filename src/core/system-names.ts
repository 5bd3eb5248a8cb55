/** Databases of the servers themselves, in lower case. */
export const SYSTEM_DATABASES: ReadonlySet<string> = new Set([
  'mysql',
  'sys',
  'information_schema',
  'performance_schema',
  'ndbinfo',
  'admin',
  'local',
  'config',
  'test',
  'defaultdb',
]);

/** Users of the servers themselves or of their administrators, in lower case. */
export const SYSTEM_USERS: ReadonlySet<string> = new Set([
  'root',
  'admin',
  'doadmin',
  'rdsadmin',
  'cloudsqladmin',
  'azure_superuser',
  'mysql',
  'mysql.sys',
  'mysql.session',
  'mysql.infoschema',
  'mariadb.sys',
  'debian-sys-maint',
  'event_scheduler',
  '__system',
]);
