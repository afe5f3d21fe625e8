/* trace_list.h - the trace formats, in the order they are asked: narrow ones first. */
TRACE(azure)
TRACE(burstgpt)
TRACE(vidur)
TRACE(bailian)
TRACE(mooncake)
TRACE(llmservingsim)
TRACE(plain)
