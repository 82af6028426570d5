// libcurl. Its setters and getters are variadic, which Swift cannot call: one inline function for each type of value.
#include <curl/curl.h>

static inline CURLcode ingest_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ingest_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ingest_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ingest_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
  return curl_easy_setopt(handle, option, list);
}

static inline CURLcode ingest_curl_set_data_function(CURL *handle, CURLoption option, curl_write_callback function) {
  return curl_easy_setopt(handle, option, function);
}

static inline CURLcode ingest_curl_set_debug_function(CURL *handle, curl_debug_callback function) {
  return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, function);
}

static inline CURLcode ingest_curl_set_socket_function(CURL *handle, curl_opensocket_callback function) {
  return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline CURLMcode ingest_curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline long ingest_curl_get_number(CURL *handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t ingest_curl_get_count(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline const char *ingest_curl_get_text(CURL *handle, CURLINFO info) {
  char *value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

// The certificates of the last handshake in the order of the chain; null where there was none.
static inline struct curl_certinfo *ingest_curl_get_certificates(CURL *handle) {
  struct curl_certinfo *value = 0;
  return curl_easy_getinfo(handle, CURLINFO_CERTINFO, &value) == CURLE_OK ? value : 0;
}

// What a message about a transfer that is done says; the union of the header has a pointer beside it.
static inline CURLcode ingest_curl_message_result(const CURLMsg *message) { return message->data.result; }
