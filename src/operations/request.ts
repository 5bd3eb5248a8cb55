import type { Settings } from '../core/settings.ts';
import type { NewInstanceOptions } from '../instance/new/options.ts';
import type { Assets } from './assets.ts';

/** What a run is asked to do: plain data, the same from a GitHub action or from a command line. */
export interface ProvisionRequest {
  /** Name of the instance; its form is checked already. */
  readonly instance: string;
  readonly settings: Settings;
  /** Whether it is what a pull request adds: it follows the pull request's branch, and its names must be its own. */
  readonly isPreview: boolean;
  /** Where the cluster repository is hosted, to know it again in other Applications. */
  readonly hosted: { readonly host: string; readonly owner: string; readonly name: string };
  /** What the files of an instance that has none are made from. */
  readonly newInstance: NewInstanceOptions;
  /** URL by which Argo CD shall read the cluster repository; undefined: as other Applications do, else by SSH. */
  readonly repositoryUrl: string | undefined;
  /** Longest wait in milliseconds: for the workflows, before that for another run or a namespace to end, then for Argo CD. */
  readonly timeoutMs: number;
  /** Whether to wait until Argo CD has synced the Application and finds it healthy. */
  readonly waitForSync: boolean;
  /** `id` is unlike any other run's and fit for a label; `description` says whose it is where it has no page. */
  readonly run: { readonly id: string; readonly url: string | undefined; readonly description?: string };
  readonly assets: Assets;
  /** Called before anything is touched: from then on a run that is killed leaves something to clean up. */
  readonly onStarted?: () => void;
}
