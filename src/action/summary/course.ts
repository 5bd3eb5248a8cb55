import type { RunRecord } from '../../core/run-record.ts';
import { ganttOf } from './gantt.ts';
import { workflowsTable } from './resources.ts';

/** How the run went, phase by phase and workflow by workflow; nothing where it did not begin. */
export function courseOf(record: RunRecord): string[] {
  const course = [...ganttOf(record, Date.now()), ...workflowsTable(record.workflows)];
  return course.length === 0 ? [] : ['### The run', '', ...course];
}
