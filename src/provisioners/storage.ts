import { operationNamed, optional, required } from './environment.ts';
import { podOf } from './pod.ts';
import { type Resource, runProgram, writeLine } from './report.ts';
import type { BucketPlace } from './storage/client.ts';
import { deprovisionBucket } from './storage/deprovision.ts';
import { provisionBucket } from './storage/provision.ts';

const { env } = process;
const pod = podOf(env, writeLine);
await runProgram(pod, async () => {
  const operation = operationNamed(optional(env, 'OPERATION'));
  return operation === 'deprovision' ? await deprovisionBucket(bucketPlace(), pod) : await provision();
});

async function provision(): Promise<Resource[]> {
  const makePublic = env.STORAGE_MAKE_PUBLIC === 'true';
  const corsOrigins = (env.STORAGE_CORS_ORIGINS ?? '').split(/[\s,]+/).filter((origin) => origin !== '');
  return await provisionBucket({ ...bucketPlace(), makePublic, corsOrigins }, pod);
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
