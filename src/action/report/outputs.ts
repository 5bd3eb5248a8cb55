import * as core from '@actions/core';
import type { DeprovisionReport, ProvisionReport } from '../../core/report.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { type Redact, type ResultError, resultOf } from '../../operations/outcome/result.ts';
import { writeRunnerFile } from '../runner.ts';

/** A row of the table of outputs, which action.yml and README's table follow. */
export interface Output {
  readonly output: string;
  /** In Markdown. */
  readonly description: string;
}

/** One that every instance has for itself: as text where the step is about one, by name in JSON where it is about several. */
interface ReportOutput extends Output {
  readonly value: (report: Reported) => string | boolean | object;
}

/** What a run and a dry run can tell; a dry run has no commit and no workflows. */
type Reported = Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath' | 'bucket' | 'changed'> &
  Partial<
    Pick<ProvisionReport, 'commitSha' | 'sync' | 'lmsUrl' | 'cmsUrl'> & Pick<DeprovisionReport, 'workflows' | 'kept'>
  >;

const REPORT_OUTPUTS: readonly ReportOutput[] = [
  { output: 'instance', description: 'Name of the instance.', value: ({ instance }) => instance },
  { output: 'namespace', description: 'Namespace of the instance.', value: ({ namespace }) => namespace },
  {
    output: 'application',
    description: 'Name of the Argo CD Application.',
    value: ({ application }) => application,
  },
  {
    output: 'config-path',
    description: "Path of the instance's `config.yml` in the cluster repository.",
    value: ({ configPath }) => configPath,
  },
  {
    output: 'commit-sha',
    description:
      "Commit with the instance's files: the run's own, or an older one if nothing changed. After deprovisioning one " +
      'without them, or empty if there was no push. Empty in a dry run.',
    value: ({ commitSha = '' }) => commitSha,
  },
  { output: 'bucket', description: 'Name of the storage bucket.', value: ({ bucket }) => bucket },
  {
    output: 'lms-url',
    description: 'Address of the LMS. Empty in a dry run and after deprovisioning.',
    value: ({ lmsUrl = '' }) => lmsUrl,
  },
  {
    output: 'cms-url',
    description: 'Address of the CMS (Studio). Empty in a dry run and after deprovisioning.',
    value: ({ cmsUrl = '' }) => cmsUrl,
  },
  {
    output: 'changed',
    description:
      '`true` if the run made a commit, else `false`; of one that deprovisions, if it removed anything. In a dry run `true` ' +
      'if a run would change anything in the cluster or the repository that can be seen from outside.',
    value: ({ changed }) => changed,
  },
  {
    output: 'kept',
    description:
      'What input `keep` left, as JSON: `resources`, each with `kind` and `name`, and `restore`, how to use it again. Else ' +
      'empty.',
    value: ({ kept }) => kept ?? '',
  },
  {
    output: 'workflows',
    description:
      'The Argo Workflows as JSON, by kind (`mysql`, `mongodb`, `storage`), each with `name`, `phase`, ' +
      '`seconds`, and with `argo-workflows-url` its `url`.',
    value: ({ workflows = {} }) => workflows,
  },
  {
    output: 'sync-status',
    description:
      'With `wait-for-sync`: `Synced`, or `NotBuilt` where the build workflow has to write the manifests first. Else empty.',
    value: ({ sync }) => sync?.sync ?? '',
  },
  {
    output: 'health-status',
    description: 'With `wait-for-sync`: `Healthy`, or empty where there is nothing to sync yet. Else empty.',
    value: ({ sync }) => sync?.health ?? '',
  },
];

const RESULTS: Output = {
  output: 'results',
  description:
    'Of one instance or several, JSON by the name of the instance: `outcome` (`provisioned`, `deprovisioned`, ' +
    '`planned`, `failed`, `cancelled`, `timed-out`, `not-synced`), `seconds`, the other outputs where it did not fail, ' +
    'and `error` (`code`, `message`, `remedy`) where it did.',
};

export const OUTPUTS: readonly Output[] = [...REPORT_OUTPUTS, RESULTS];

/**
 * Characters of all errors together, and of one. A job may have 1 MB of outputs in UTF-16, and what it has beyond may be a
 * part of another step (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs).
 */
const MOST_CHARACTERS = 100_000;
const LONGEST_ERROR = 1_000;

/** @throws LaunchpadError `disk-failed` if the file of outputs cannot be written */
function set(name: string, value: unknown): void {
  writeRunnerFile('GITHUB_OUTPUT', () => core.setOutput(name, value));
}

/** Hands the report of a run, or of a dry run, to the steps that follow. */
export function setOutputs(report: Reported): void {
  for (const { output, value } of REPORT_OUTPUTS) set(output, value(report));
}

/** The same for several instances: each output is JSON by the name of the instance, of those that did not fail. */
export function setOutputsOfSeveral(reports: readonly Reported[]): void {
  for (const { output, value } of REPORT_OUTPUTS) {
    set(output, JSON.stringify(Object.fromEntries(reports.map((report) => [report.instance, value(report)]))));
  }
}

/** Hands on how each instance ended. */
export function setResults(outcomes: readonly Outcome[], redact: Redact): void {
  const longest = Math.min(LONGEST_ERROR, Math.floor(MOST_CHARACTERS / Math.max(1, outcomes.length)));
  const results = outcomes.map((outcome) => {
    const { instance, outcome: kind, seconds, error } = resultOf(outcome, redact);
    const reported = 'report' in outcome ? namedOutputs(outcome.report) : {};
    const failed = error === undefined ? {} : { error: shortened(error, longest) };
    return [instance, { outcome: kind, seconds: rounded(seconds), ...reported, ...failed }] as const;
  });
  set(RESULTS.output, JSON.stringify(Object.fromEntries(results)));
}

function namedOutputs(report: Reported): Record<string, unknown> {
  return Object.fromEntries(REPORT_OUTPUTS.map(({ output, value }) => [output, value(report)]));
}

function shortened({ code, message, remedy }: ResultError, longest: number): ResultError {
  return { code, message: cut(message, longest), remedy: remedy === undefined ? undefined : cut(remedy, longest) };
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function rounded(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 10) / 10;
}
