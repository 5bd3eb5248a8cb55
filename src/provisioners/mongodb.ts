import { optional, required } from './environment.ts';
import { provisionMongodb } from './mongodb/direct.ts';
import { SecretWriter } from './mongodb/password-secret.ts';
import { endOnSigterm } from './mongodb/uninterrupted.ts';
import { runProvisioner } from './report.ts';

const { env } = process;
endOnSigterm();
await runProvisioner((say) =>
  provisionMongodb(
    {
      server: {
        host: required(env, 'MONGODB_HOST'),
        port: Number(required(env, 'MONGODB_PORT')),
        useSsl: env.MONGODB_USE_SSL === 'true',
        ca: optional(env, 'MONGODB_CA'),
        replicaSet: optional(env, 'MONGODB_REPLICA_SET'),
      },
      admin: {
        user: required(env, 'MONGODB_ADMIN_USER'),
        password: required(env, 'MONGODB_ADMIN_PASSWORD'),
        authSource: required(env, 'MONGODB_ADMIN_AUTH_SOURCE'),
      },
      databases: [required(env, 'MONGODB_DATABASE'), required(env, 'FORUM_MONGODB_DATABASE')],
      user: {
        user: required(env, 'MONGODB_USERNAME'),
        password: required(env, 'MONGODB_PASSWORD'),
        authSource: required(env, 'MONGODB_AUTH_SOURCE'),
        mechanism: optional(env, 'MONGODB_AUTH_MECHANISM'),
      },
      secret: new SecretWriter({
        host: required(env, 'KUBERNETES_SERVICE_HOST'),
        port: required(env, 'KUBERNETES_SERVICE_PORT'),
        accountDirectory: optional(env, 'SERVICE_ACCOUNT_DIRECTORY') ?? '/var/run/secrets/kubernetes.io/serviceaccount',
        namespace: required(env, 'NAMESPACE'),
        name: required(env, 'MONGODB_PASSWORD_SECRET'),
        workflowUid: required(env, 'WORKFLOW_UID'),
      }),
    },
    say,
  ),
);
