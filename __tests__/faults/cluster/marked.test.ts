import { MARKED } from '../cases/sections.ts';
import { testFaults } from '../run-case.ts';

await testFaults(MARKED);
