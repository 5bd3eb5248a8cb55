import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LaunchpadError } from '../core/errors.ts';
import { KINDS, type Kind } from '../core/kinds.ts';

/** The action's own files that a run needs, as text. */
export interface Assets {
  /** manifests/rbac.yml. */
  readonly rbac: string;
  /** manifests/<kind>.yml: the WorkflowTemplates. */
  readonly workflowTemplates: Readonly<Record<Kind, string>>;
  /** dist/provisioners/<kind>.js: one bundled file each. */
  readonly provisioners: Readonly<Record<Kind, string>>;
  /** templates/instance/: the default templates of a new instance's files. */
  readonly instance: { readonly config: string; readonly application: string };
}

/**
 * Reads the action's own files.
 *
 * @param entry directory of the running entry point, `dist/main` or `build/main`: both lie two levels below the
 *   action's root, and the provisioners beside them.
 */
export async function loadAssets(entry: string): Promise<Assets> {
  const root = path.join(entry, '..', '..');
  const provisioners = path.join(entry, '..', 'provisioners');
  const [rbac, workflowTemplates, bundles, config, application] = await Promise.all([
    readAsset(path.join(root, 'manifests', 'rbac.yml')),
    forEachKind((kind) => readAsset(path.join(root, 'manifests', `${kind}.yml`))),
    forEachKind((kind) => readAsset(path.join(provisioners, `${kind}.js`))),
    readAsset(path.join(root, 'templates', 'instance', 'config.yml')),
    readAsset(path.join(root, 'templates', 'instance', 'application.yml')),
  ]);
  return { rbac, workflowTemplates, provisioners: bundles, instance: { config, application } };
}

async function forEachKind(read: (kind: Kind) => Promise<string>): Promise<Record<Kind, string>> {
  const [mysql, mongodb, storage] = await Promise.all([read(KINDS[0]), read(KINDS[1]), read(KINDS[2])]);
  return { mysql, mongodb, storage };
}

async function readAsset(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new LaunchpadError('action-incomplete', `The action's own file ${file} cannot be read.`, {
      remedy: 'Use a released version of the action (its dist/, manifests/ and templates/ belong together).',
      cause,
    });
  }
}
