import { runMysql } from './mysql/operations.ts';
import { podOf } from './pod.ts';
import { runProgram, writeLine } from './report.ts';

const { env } = process;
const pod = podOf(env, writeLine);
await runProgram(pod, () => runMysql(env, pod));
