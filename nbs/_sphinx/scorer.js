// How search results are ordered: Sphinx's own weights, but who types the name of a heading gets that heading first
var Scorer = {
  score: ([doc, title, anchor, description, score, file, kind]) => kind === "title" ? score + 20 : score,
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
