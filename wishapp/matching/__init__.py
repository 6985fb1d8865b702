"""The matching office: snapshot -> solve -> check -> proposals -> staff review -> offers. Promises: a plan is checked by the
referee before it is saved, applied wholly or not at all, and never doubles a seat somebody else took meanwhile."""
