import type { Kind } from '../../src/core/kinds.ts';
import type { PlanReport, ProvisionReport } from '../../src/core/report.ts';
import type { RunRecord, WorkflowRecord } from '../../src/core/run-record.ts';

/** The report of a run that made a commit. */
export const REPORT: ProvisionReport = {
  instance: 'riverside',
  namespace: 'riverside',
  application: 'riverside-production',
  configPath: 'instances/riverside/config.yml',
  commitSha: '0123456789abcdef0123456789abcdef01234567',
  bucket: 'launchpad-riverside-3fa9c1e',
  lmsUrl: 'https://riverside.example.org',
  cmsUrl: 'https://studio.riverside.example.org',
  changed: true,
  workflows: {
    mysql: { name: 'riverside-mysql-x1', phase: 'Succeeded', seconds: 10.53 },
    mongodb: { name: 'riverside-mongodb-x2', phase: 'Succeeded', seconds: 11 },
    storage: { name: 'riverside-storage-x3', phase: 'Succeeded', seconds: 9.8 },
  },
  sync: { sync: 'Synced', health: 'Healthy' },
};

/** The report of a dry run. */
export const PLAN: PlanReport = {
  operation: 'provision',
  instance: 'riverside',
  namespace: 'riverside',
  application: 'riverside-production',
  configPath: 'instances/riverside/config.yml',
  bucket: 'launchpad-riverside-*',
  changed: true,
  resources: [
    { kind: 'Namespace', name: 'riverside', state: 'create', fields: [] },
    { kind: 'Role', name: 'launchpad-provision-password', state: 'change', fields: ['rules[0].verbs', 'rules[1]'] },
    { kind: 'Bucket', name: 'launchpad-riverside-*', state: 'ensure', fields: [] },
  ],
  commit: 'feat: add instance riverside',
  files: [
    { path: 'instances/riverside/config.yml', state: 'change', diff: '--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-A\n+B' },
  ],
  laterKeys: [],
  warnings: [],
};

/** When that run began, in milliseconds since 1970. */
export const STARTED_AT = Date.parse('2026-05-04T09:30:00Z');

/** The record of the same run. */
export const RECORD: RunRecord = {
  operation: 'provision',
  phases: [
    { title: 'Check cluster and repository', startedAt: STARTED_AT, endedAt: STARTED_AT + 1_240, outcome: 'done' },
    { title: 'Wait for the workflows', startedAt: STARTED_AT + 2_000, endedAt: STARTED_AT + 13_100, outcome: 'done' },
  ],
  previous: undefined,
  warnings: [],
  problems: [],
  expected: [
    { kind: 'MySQL database', name: 'launchpad-riverside-openedx', by: 'mysql' },
    { kind: 'MySQL user', name: 'launchpad-riverside', by: 'mysql' },
    { kind: 'MongoDB database', name: 'launchpad-riverside-openedx', by: 'mongodb' },
    { kind: 'MongoDB database', name: 'launchpad-riverside-forum', by: 'mongodb' },
    { kind: 'MongoDB user', name: 'launchpad-riverside', by: 'mongodb' },
    { kind: 'Bucket', name: 'launchpad-riverside-3fa9c1e', by: 'storage' },
  ],
  resources: [
    { kind: 'Namespace', name: 'riverside', state: 'created' },
    { kind: 'Application', name: 'riverside-production', state: 'created' },
    { kind: 'MySQL database', name: 'launchpad-riverside-openedx', state: 'created' },
    { kind: 'MySQL user', name: 'launchpad-riverside', state: 'updated' },
    { kind: 'MongoDB user', name: 'launchpad-riverside', state: 'created' },
    { kind: 'Bucket', name: 'launchpad-riverside-3fa9c1e', state: 'unchanged' },
  ],
  workflows: [
    workflow('mysql', 'riverside-mysql-x1', 10.53),
    workflow('mongodb', 'riverside-mongodb-x2', 11),
    workflow('storage', 'riverside-storage-x3', 9.8),
  ],
  seedKept: true,
  unknownBucket: undefined,
  commit: {
    sha: '0123456789abcdef0123456789abcdef01234567',
    pushed: true,
    keys: ['MONGODB_PASSWORD', 'STORAGE_BUCKET_NAME'],
  },
  effects: { namespace: 'yes', workflows: 'yes', secrets: 'no', commit: 'yes', application: 'yes' },
};

function workflow(kind: Kind, name: string, seconds: number): WorkflowRecord {
  return { kind, name, phase: 'Succeeded', terminated: false, startedAt: STARTED_AT + 2_000, seconds };
}
