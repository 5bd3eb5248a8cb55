const { default: Sequencer } = require('@jest/test-sequencer');

/** Tests that take long for the size of their file. Those of git start many processes, which is cheap while a worker is small. */
const LONG =
  /\/__tests__\/(scenarios|repository|action\/selection|lint\/linear|cluster\/namespace\/lease-s|provisioners\/(unwell|lost|vendor-s|mongodb-s))/;

/** They come first: where jest knows no earlier run, as in a fresh clone, it goes by size, and one of them would run alone at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => Number(LONG.test(b.path)) - Number(LONG.test(a.path)));
  }
};
