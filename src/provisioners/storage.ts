import { optional, required } from './environment.ts';
import { runProvisioner } from './report.ts';
import { provisionBucket } from './storage/provision.ts';

const { env } = process;
await runProvisioner((say) =>
  provisionBucket(
    {
      type: env.STORAGE_TYPE === 'spaces' ? 'spaces' : 's3',
      bucket: required(env, 'STORAGE_BUCKET'),
      region: required(env, 'STORAGE_REGION'),
      endpointUrl: optional(env, 'STORAGE_ENDPOINT_URL'),
      accessKeyId: required(env, 'STORAGE_ACCESS_KEY_ID'),
      secretAccessKey: required(env, 'STORAGE_SECRET_ACCESS_KEY'),
      makePublic: env.STORAGE_MAKE_PUBLIC === 'true',
      corsOrigins: (env.STORAGE_CORS_ORIGINS ?? '').split(/[\s,]+/).filter((origin) => origin !== ''),
      environment: env,
    },
    say,
  ),
);
