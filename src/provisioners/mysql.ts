import { optional, required } from './environment.ts';
import { provisionMysql } from './mysql/provision.ts';
import { runProvisioner } from './report.ts';

const { env } = process;
await runProvisioner((say) =>
  provisionMysql(
    {
      server: {
        host: required(env, 'MYSQL_HOST'),
        port: Number(required(env, 'MYSQL_PORT')),
        sslMode: required(env, 'MYSQL_SSL_MODE'),
        ca: optional(env, 'MYSQL_CA'),
      },
      admin: { user: required(env, 'MYSQL_ADMIN_USER'), password: required(env, 'MYSQL_ADMIN_PASSWORD') },
      database: required(env, 'MYSQL_DATABASE'),
      user: { user: required(env, 'MYSQL_USERNAME'), password: required(env, 'MYSQL_PASSWORD') },
    },
    say,
  ),
);
