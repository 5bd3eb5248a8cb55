import type { ClusterConventions } from '../cluster/objects/conventions.ts';
import type { Kind, Operation } from '../core/kinds.ts';
import type { Settings } from '../core/settings.ts';
import type { NewInstanceOptions } from '../instance/new/options.ts';
import type { Assets } from './assets.ts';

/** A run; `startedBy` is the user of GitHub who started it. */
interface RunIdentity {
  readonly id: string;
  readonly url: string | undefined;
  readonly startedBy?: string | undefined;
  readonly description?: string;
}

/** What a run does: plain data, the same from a GitHub action and from the command line. */
export interface ProvisionRequest {
  /** Name of the instance, already checked. */
  readonly instance: string;
  readonly operation: Operation;
  /** What deprovisioning leaves: the resources of these kinds. */
  readonly keeps: readonly Kind[];
  readonly settings: Settings;
  readonly conventions: ClusterConventions;
  /** Whether a pull request adds the instance: it follows the pull request's branch, and its names must be its own. */
  readonly isPreview: boolean;
  /** Where the cluster repository is hosted: other Applications may use the same one. */
  readonly hosted: { readonly host: string; readonly owner: string; readonly name: string };
  /** What the files of a new instance are made from; for operation `configure` the keys to set. */
  readonly newInstance: NewInstanceOptions;
  /** Whether everybody can read the repository, if it is known; absent: it may be public. */
  readonly isPublic?: (() => Promise<boolean | undefined>) | undefined;
  /** URL by which Argo CD reads the cluster repository; undefined: that of other Applications, else the SSH form. */
  readonly repositoryUrl: string | undefined;
  /** AppProject for what pull requests add; undefined: that of the instance's file. */
  readonly previewProject?: string | undefined;
  /** Longest wait in milliseconds: for the workflows, before that for another run or a namespace to end, then for Argo CD. */
  readonly timeoutMs: number;
  /** Whether to wait until Argo CD has synced the Application and finds it healthy. */
  readonly waitForSync: boolean;
  /** `id` is unique and valid in a label; `description` says who runs it, if it has no page. */
  readonly run: RunIdentity;
  /** Which of the instances that are worked on at once: a number from 0 that no other of them has. */
  readonly lane: number;
  readonly assets: Assets;
  /** Called before the run touches anything: from then on a killed run leaves something to clean up. */
  readonly onStarted?: () => void;
}
