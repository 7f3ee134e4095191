"""Links, addresses and routes by the kernel's own interface (rtnetlink(7)), for which no program need be there.

values     what there is, as values
codec      the messages
kernel     the conversation
"""
