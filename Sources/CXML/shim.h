// libxml2's XML parser, as it is, but without ICU: where the library was built with it, its headers bring in
// ICU's, whose enums clash with those of Foundation's own copy. The one struct that differs for it,
// xmlCharEncodingHandler, is never touched from Swift.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
