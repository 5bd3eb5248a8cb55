import { Deadline } from './deadline.ts';
import { operationNamed, optional, required } from './environment.ts';
import { type Resource, runProvisioner, type Say } from './report.ts';
import type { BucketPlace } from './storage/client.ts';
import { deprovisionBucket } from './storage/deprovision.ts';
import { provisionBucket } from './storage/provision.ts';

const { env } = process;
await runProvisioner((say) => {
  const operation = operationNamed(optional(env, 'OPERATION'));
  return operation === 'deprovision' ? deprovision(say) : provision(say);
});

async function provision(say: Say): Promise<Resource[]> {
  const makePublic = env.STORAGE_MAKE_PUBLIC === 'true';
  const corsOrigins = (env.STORAGE_CORS_ORIGINS ?? '').split(/[\s,]+/).filter((origin) => origin !== '');
  return await provisionBucket({ ...bucketPlace(), makePublic, corsOrigins }, say);
}

async function deprovision(say: Say): Promise<Resource[]> {
  return await deprovisionBucket(bucketPlace(), { deadline: Deadline.of(env) }, say);
}

function bucketPlace(): BucketPlace {
  return {
    type: env.STORAGE_TYPE === 'spaces' ? 'spaces' : 's3',
    bucket: required(env, 'STORAGE_BUCKET'),
    region: required(env, 'STORAGE_REGION'),
    endpointUrl: optional(env, 'STORAGE_ENDPOINT_URL'),
    accessKeyId: required(env, 'STORAGE_ACCESS_KEY_ID'),
    secretAccessKey: required(env, 'STORAGE_SECRET_ACCESS_KEY'),
    environment: env,
  };
}
