import { SIGNALS } from './cases/signals.ts';
import { testFaults } from './run-case.ts';

await testFaults(SIGNALS);
