import type { PhaseRecord, RunRecord, WorkflowRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { workflowsTable } from './resources.ts';

/** A bar of the chart; times are milliseconds since 1970. */
interface Bar {
  readonly title: string;
  readonly isGood: boolean;
  readonly from: number;
  readonly to: number;
}

/**
 * The run as a Mermaid gantt in a fence that GitHub renders: a section of its phases and one of its workflows. Times are
 * absolute, so that each reader sees them in his own time zone, as GitHub shows those of the log
 * (https://mermaid.js.org/syntax/gantt.html).
 *
 * @param now milliseconds since 1970, where what still runs ends
 */
export function ganttOf(record: Pick<RunRecord, 'phases' | 'workflows'>, now: number): string[] {
  const phases = record.phases.map((phase) => phaseBar(phase, now));
  // The cluster's times are whole seconds: what the run waited for had ended when the wait did.
  const latest = record.phases.find(({ title }) => title === 'Wait for the workflows')?.endedAt ?? now;
  const workflows = record.workflows.map((workflow) => workflowBar(workflow, now, latest));
  const bars = [...phases, ...workflows];
  if (bars.length === 0) return [];
  const spanMs = Math.max(...bars.map(({ to }) => to)) - Math.min(...bars.map(({ from }) => from));
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %H:%M:%S',
    ...tickInterval(spanMs),
    '  todayMarker off',
    ...section('Phases', phases),
    ...section('Workflows', workflows),
    '```',
    '',
  ];
}

function phaseBar({ title, startedAt, endedAt, outcome }: PhaseRecord, now: number): Bar {
  return { title, isGood: outcome === 'done', from: startedAt, to: endedAt ?? now };
}

function workflowBar({ kind, phase, startedAt, seconds }: WorkflowRecord, now: number, latest: number): Bar {
  const to = seconds === undefined ? now : Math.min(startedAt + seconds * 1000, Math.max(latest, startedAt));
  return { title: kind, isGood: phase === 'Succeeded', from: startedAt, to };
}

/** Seconds between two ticks: for each span in seconds up to which it is fit, the first that is. */
const TICKS = [
  { upTo: 12, interval: '1second' },
  { upTo: 60, interval: '5second' },
  { upTo: 180, interval: '15second' },
  { upTo: 720, interval: '1minute' },
  { upTo: 3_600, interval: '5minute' },
] as const;

/** Left to itself Mermaid puts several ticks into a second, which all have the same label. */
function tickInterval(spanMs: number): string[] {
  const tick = TICKS.find(({ upTo }) => spanMs <= upTo * 1000);
  return tick === undefined ? [] : [`  tickInterval ${tick.interval}`];
}

function section(title: string, bars: readonly Bar[]): string[] {
  return bars.length === 0 ? [] : [`  section ${title}`, ...bars.map(task)];
}

/** A task ends at its first colon, a comment begins at `%%`, and `#` and `;` have meanings of their own. */
function task({ title, isGood, from, to }: Bar): string {
  const start = Math.round(from);
  // A task of no time at all is not drawn.
  const end = Math.max(Math.round(to), start + 1);
  const name = title.replace(/[^\p{L}\p{N} .,()-]/gu, ' ').trim();
  return `    ${name} (${((end - start) / 1000).toFixed(1)} s) :${isGood ? 'done' : 'crit'}, ${start}, ${end}`;
}

/** How the run went, phase by phase and workflow by workflow; nothing where it did not begin. */
export function courseOf(record: RunRecord, links: Links | undefined): string[] {
  const course = [...ganttOf(record, Date.now()), ...workflowsTable(record, links)];
  return course.length === 0 ? [] : ['### The run', '', ...course];
}
