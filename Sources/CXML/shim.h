// libxml2's HTML parser, as it is.
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlversion.h>

// The version text is a macro over a function in some builds and a variable in others.
static inline const char *ingest_xml_version(void) { return xmlParserVersion; }
