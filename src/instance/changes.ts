import { isDeepStrictEqual } from 'node:util';
import { LaunchpadError } from '../core/errors.ts';
import { quoted } from '../core/quote.ts';
import { ConfigFile } from './config/config-file.ts';
import type { ConfigValue } from './config/config-values.ts';
import { changedKeys } from './config/keys.ts';
import { requireOperatorKeys } from './config/operator-keys.ts';
import type { Instance } from './instance.ts';
import {
  type InstanceFiles,
  instanceApplication,
  instancePaths,
  type Plan,
  type PlanContext,
  requirePreviewApplication,
} from './plan.ts';

/** The place of a server, as the vendor's API reported it to a workflow: config.yml gets what it lacks of it. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly replicaSet: string | undefined;
  readonly useSsl: boolean;
}

/** What a MongoDB server itself has of that which Open edX must know. */
export interface ServerFacts {
  readonly useSsl: boolean;
  readonly replicaSet: string | undefined;
  readonly authMechanism: string | undefined;
}

/** Results of the workflows that go into config.yml. */
export interface Findings {
  /** The password of the MongoDB user on the server. */
  readonly mongodbPassword: string;
  readonly mysql: Connection | undefined;
  readonly mongodb: Connection | undefined;
  readonly mongodbServer?: ServerFacts | undefined;
}

/**
 * Keys that describe MongoDB to Open edX as the server has them. A new config.yml gets those that it lacks; one that the
 * operator wrote only MONGODB_USE_SSL, and only where Tutor's default would not log in.
 */
function serverEdits(config: ConfigFile, isNew: boolean, server: ServerFacts | undefined): Map<string, ConfigValue> {
  const edits = new Map<string, ConfigValue>();
  if (server === undefined) return edits;
  const { useSsl, replicaSet, authMechanism } = server;
  const set = (key: string, value: ConfigValue | undefined) => {
    if (value !== undefined && !config.has(key)) edits.set(key, value);
  };
  if (isNew || useSsl) set('MONGODB_USE_SSL', useSsl);
  if (isNew) set('MONGODB_REPLICA_SET', replicaSet);
  if (isNew) set('MONGODB_AUTH_MECHANISM', authMechanism);
  return edits;
}

/** The keys that config.yml lacks and that a connection gives. */
export function connectionEdits(
  config: ConfigFile,
  { mysql, mongodb }: Instance,
  found: Pick<Findings, 'mysql' | 'mongodb'>,
): Map<string, ConfigValue> {
  const edits = new Map<string, ConfigValue>();
  if (found.mysql !== undefined && mysql.host === undefined) edits.set('MYSQL_HOST', found.mysql.host);
  if (found.mysql !== undefined && mysql.port === undefined) edits.set('MYSQL_PORT', String(found.mysql.port));
  if (found.mongodb === undefined) return edits;
  const { host, port, replicaSet, useSsl } = found.mongodb;
  if (mongodb.host === undefined) edits.set('MONGODB_HOST', host);
  if (mongodb.port === undefined) edits.set('MONGODB_PORT', String(port));
  if (replicaSet !== undefined && !config.has('MONGODB_REPLICA_SET')) edits.set('MONGODB_REPLICA_SET', replicaSet);
  if (mongodb.useSsl === undefined) edits.set('MONGODB_USE_SSL', useSsl);
  return edits;
}

/**
 * MONGODB_HOST where the host's members are found by DNS: Open edX needs its scheme then. The key is set unless the operator
 * wrote it into a file that exists.
 */
function srvHost({ files, instance, whole }: Plan, { mongodb }: Findings) {
  const host = instance.mongodb.host?.toLowerCase().replace(/\.$/, '');
  if (host === undefined || mongodb?.host !== `mongodb+srv://${host}`) return undefined;
  return { host: mongodb.host, isSet: files.config === undefined || !whole.has('MONGODB_HOST') };
}

/** What the operator must change in config.yml, as the run does not. */
export function foundWarning(plan: Plan, found: Findings): string | undefined {
  const srv = srvHost(plan, found);
  if (srv === undefined || srv.isSet) return undefined;
  return `${plan.config.name} has MONGODB_HOST: ${quoted(plan.instance.mongodb.host ?? '')}. Its members are found by DNS (SRV records), and Open edX cannot connect to it without the scheme: set it to ${quoted(srv.host)}.`;
}

/** The files that the commit contains. */
export interface FilesToWrite {
  readonly config: Uint8Array;
  readonly application: Uint8Array;
  /** Other files of a new instance's template, by path in its directory; existing ones stay. */
  readonly others: ReadonlyMap<string, Uint8Array>;
}

/** The two files that every run writes, by their paths in the repository. */
export function filesByPath({ config, application }: FilesToWrite, paths: ReturnType<typeof instancePaths>) {
  return new Map([
    [paths.config, config],
    [paths.application, application],
  ]);
}

/**
 * The files for the cluster repository after the run: the newest ones, with the keys that config.yml lacked and the
 * results of the workflows. Changes by others stay, except to keys that the run used: these are an error.
 *
 * @param newest the files at the commit that the new one follows
 * @throws LaunchpadError `config-changed` where a used key of config.yml differs from the plan's, or the file appeared or
 *   vanished
 */
export function filesToWrite(plan: Plan, newest: InstanceFiles, found: Findings, context: PlanContext): FilesToWrite {
  const application = newest.application ?? plan.application;
  instanceApplication(application, context);
  requirePreviewApplication(application, plan.files, context);
  return { config: configToWrite(plan, newest.config, found, context), application, others: plan.otherFiles };
}

/** Whether the branch does not have the two files so. */
export function needsPush({ config, application }: FilesToWrite, newest: InstanceFiles): boolean {
  const isSame = (bytes: Uint8Array, there: Uint8Array | undefined) =>
    there !== undefined && Buffer.compare(bytes, there) === 0;
  return !isSame(config, newest.config) || !isSame(application, newest.application);
}

/** Names of the keys of config.yml that the run sets; their values may be secret. */
export function keysToSet(plan: Plan, found: Findings): string[] {
  return [...new Map([...plan.wanted, ...editsOf(plan, found)])]
    .filter(([key, value]) => !plan.config.says(key, value))
    .map(([key]) => key);
}

/** The body of a commit's message: the run's page and who started it; undefined for a run without a page. */
export function commitBody({
  url,
  startedBy,
}: {
  readonly url: string | undefined;
  readonly startedBy?: string | undefined;
}): string | undefined {
  return url === undefined || startedBy === undefined ? url : `${url}\nStarted by ${startedBy}`;
}

/** The message of the commit. @param body that of `commitBody` */
export function commitMessage({ instance, files }: Plan, body: string | undefined): string {
  const isNew = files.config === undefined || files.application === undefined;
  return messageWith(`${isNew ? 'feat: add' : 'chore: update'} instance ${instance.name}`, body);
}

/** The message of the commit that removes an instance. @param body that of `commitBody` */
export function deprovisionMessage(instance: string, body: string | undefined): string {
  return messageWith(`chore: remove instance ${instance}`, body);
}

export function messageWith(subject: string, body: string | undefined): string {
  return body === undefined ? subject : `${subject}\n\n${body}`;
}

/**
 * Requires that config.yml still has the values by which the instance was deprovisioned, or is deleted.
 *
 * @param newest the file at the commit that the new one follows
 * @throws LaunchpadError `config-changed` where a used key differs from the plan's, or the file appeared
 */
export function requireUnchanged(plan: Plan, newest: Uint8Array | undefined, { name, settings }: PlanContext): void {
  if (newest === undefined) return;
  const path = instancePaths(settings, name).config;
  const changed = plan.files.config === undefined ? [] : changedKeys(plan.config, ConfigFile.parse(newest, path));
  if (plan.files.config !== undefined && changed.length === 0) return;
  const what = plan.files.config === undefined ? 'the file appeared' : `keys ${changed.join(', ')}`;
  throw new LaunchpadError('config-changed', `${path} changed while deprovisioning (${what}): run again.`, {
    remedy:
      'Run again: nothing was removed from the cluster repository, and the new run deprovisions what the file names now.',
  });
}

function configToWrite(
  plan: Plan,
  newest: Uint8Array | undefined,
  found: Findings,
  { name, settings }: PlanContext,
): Uint8Array {
  const edits = editsOf(plan, found);
  const intended = plan.whole.edit(edits);
  if (plan.files.config === undefined && newest === undefined) return intended;
  if (newest !== undefined && Buffer.compare(newest, intended) === 0) return intended;
  const path = instancePaths(settings, name).config;
  if (plan.files.config === undefined) throw changedMeanwhile(path, 'the file appeared');
  if (newest === undefined) throw changedMeanwhile(path, 'the file vanished');

  const current = ConfigFile.parse(newest, path);
  const changed = new Set([...changedKeys(plan.config, current), ...rewrittenKeys(plan, current)])
    .values()
    .toArray()
    .filter((key) => {
      const edit = edits.get(key) ?? plan.wanted.get(key);
      return edit === undefined || !current.says(key, edit);
    });
  if (changed.length > 0) throw changedMeanwhile(path, `keys ${changed.join(', ')}`);
  requireOperatorKeys(current, new Map([...plan.wanted].filter(([key]) => !plan.config.has(key))));
  return ConfigFile.parse(current.merge(plan.wanted), path).edit(edits);
}

/** Keys of the file to change that have got another value since the plan was made. */
function rewrittenKeys({ config, wanted }: Plan, current: ConfigFile): string[] {
  return [...wanted.keys()].filter(
    (key) => config.has(key) && !isDeepStrictEqual(config.value(key), current.value(key)),
  );
}

function editsOf(plan: Plan, found: Findings): Map<string, ConfigValue> {
  const { files, instance, whole, additions } = plan;
  const password: [string, ConfigValue] = ['MONGODB_PASSWORD', found.mongodbPassword];
  const ofServer = serverEdits(whole, files.config === undefined, found.mongodbServer);
  const srv = srvHost(plan, found);
  const host: [string, ConfigValue][] = srv?.isSet ? [['MONGODB_HOST', srv.host]] : [];
  return new Map([...additions, ...ofServer, ...connectionEdits(whole, instance, found), ...host, password]);
}

function changedMeanwhile(path: string, what: string): LaunchpadError {
  return new LaunchpadError('config-changed', `${path} changed while provisioning (${what}): run again.`, {
    remedy: 'Run again: nothing was committed, and the new run starts from the file as it is now.',
  });
}
