// libidn2: internationalized domain names (IDNA 2008 with the mapping of UTS 46).
#include <idn2.h>
