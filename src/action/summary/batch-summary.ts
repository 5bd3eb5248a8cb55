import type { PlanReport } from '../../core/report.ts';
import type { Links } from '../../inputs/links.ts';
import type { Closing } from '../../operations/outcome/closing.ts';
import { headlineOf, isFailed, type Result, resultCells } from '../../operations/outcome/result.ts';
import { type Deprovision, deprovisionLines } from './deprovision-summary.ts';
import { failureSections } from './failures.ts';
import { type Block, capped, fitting, MOST_BYTES } from './limit.ts';
import { code, link, plain, table } from './markdown.ts';
import { planLines } from './plan-summary.ts';
import { leftoverLines, type Success, stateLines, successLines, type Unsuccess, wordsOf } from './summary.ts';

/** The part below the table for one of several instances. */
export type Detail =
  | Success
  | Unsuccess
  | ({ readonly kind: 'deprovisioned' } & Deprovision)
  | { readonly kind: 'planned'; readonly report: PlanReport };

/** Bytes for what names the parts that are left out. */
const ROOM_FOR_THE_REST = 16_384;

/**
 * The job summary of several instances: a table of all, then what failed and what to do, then, folded, the rest as far as
 * GitHub keeps it. What finds no room is named.
 */
export function batchSummary(results: readonly Result[], details: readonly Detail[], links: Links | undefined): string {
  const isGood = results.every(({ error }) => error === undefined);
  const head = [`## ${isGood ? '✅' : '❌'} ${headlineOf(results)}`, '', ...resultsTable(results, links)];
  const failed = details.filter((detail) => isUnsuccess(detail)).flatMap(failedBlocks);
  const others = details.flatMap((detail) => (isUnsuccess(detail) ? [] : [goodBlock(detail)]));
  const room = MOST_BYTES - Buffer.byteLength(head.join('\n')) - ROOM_FOR_THE_REST;
  const { lines, leftOut } = fitting([...failed, ...others], room);
  const rest = leftOut.length === 0 ? [] : [plain(cutList(`Not shown (size limit): ${leftOut.join(', ')}.`)), ''];
  return capped([...head, ...lines, ...rest].join('\n'));
}

function isUnsuccess(detail: Detail): detail is Unsuccess {
  return 'failures' in detail;
}

/** What failed, why and what to do is always to be seen; what the instance has is folded below it. */
function failedBlocks(run: Unsuccess): Block[] {
  const { instance = '', failures, record, redact } = run;
  const title = `### ❌ ${plain(instance)} ${wordsOf(run)}`;
  const brief = failures.map(({ diagnosis: _, ...failure }) => failure);
  const state = stateLines(run);
  const findings = failures.some(({ diagnosis }) => diagnosis !== undefined);
  return [
    {
      lines: [title, '', ...failureSections(brief, redact), ...leftoverLines(record)],
      rank: 0,
      what: `what failed of ${instance}`,
    },
    ...(findings ? [foldedBlock(`What was found out about ${instance}`, failureSections(failures, redact), 1)] : []),
    ...(state.length === 0 ? [] : [foldedBlock(`What ${instance} has, and its run`, state, 2)]),
  ];
}

function goodBlock(run: Exclude<Detail, Unsuccess>): Block {
  const { instance } = run.report;
  switch (run.kind) {
    case 'planned':
      return foldedBlock(`🔍 planned: ${instance}`, planLines(run.report), 3);
    case 'deprovisioned':
      return foldedBlock(titleOf(run.closing), deprovisionLines(run), 3);
    case 'succeeded':
      return foldedBlock(titleOf(run.closing), successLines(run), 3);
  }
}

function titleOf({ kind, headline }: Closing): string {
  return `${kind === 'good' ? '✅' : '⚠️'} ${headline}`;
}

function foldedBlock(title: string, lines: readonly string[], rank: number): Block {
  return {
    lines: [`<details><summary>${plain(title)}</summary>`, '', ...lines, '</details>', ''],
    rank,
    what: title,
  };
}

function cutList(text: string): string {
  return text.length <= ROOM_FOR_THE_REST / 8
    ? text
    : `${text.slice(0, ROOM_FOR_THE_REST / 8)}… and more: see the log.`;
}

/** One row for each instance: what became of it, what it has, and what failed. */
function resultsTable(results: readonly Result[], links: Links | undefined): string[] {
  const head = ['Instance', 'Outcome', 'Sites', 'Bucket', 'Application', 'Commit', 'Seconds', 'What failed'];
  const rows = results.map((result) => {
    const { instance, seconds, bucket, application, commit, failed } = resultCells(result);
    return [
      code(instance),
      outcomeWords(result),
      result.sites.map((url) => link(plain(new URL(url).host), url)).join(', '),
      bucket === '' ? '' : code(bucket),
      application === '' ? '' : link(code(application), links?.application(application)),
      result.commit === undefined ? '' : link(code(commit), links?.commit(result.commit)),
      seconds,
      plain(failed),
    ];
  });
  return table(head, rows);
}

/** With a sign to see at a glance. */
function outcomeWords(result: Result): string {
  const { outcome, state } = result;
  if (outcome === 'planned') return '🔍 planned';
  const sign = isFailed(result) ? '❌' : state?.needsAttention === true ? '⚠️' : '✅';
  return `${sign} ${plain(state?.words ?? outcome.replace('-', ' '))}`;
}
